"""Writing changes into Terraform's files: arguments, nested blocks, satellites and new resources."""
