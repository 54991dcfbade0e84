"""What Terraform's types and arguments are called in the graph's words: data per service, used to read and to write."""
