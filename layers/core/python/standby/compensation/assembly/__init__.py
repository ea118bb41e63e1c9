"""The functions' use cases put together with AWS; a module each, so that a function loads only its own."""
