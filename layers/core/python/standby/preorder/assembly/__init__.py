"""Put the functions' use cases together with AWS. Each has a module, so that a function loads only its own."""
