"""The OpenAPI document: made of the operations (`document`) and their answers' types (`shapes`), then linted."""
