variable "region" {
  type    = string
  default = "us-east-1"
}

variable "environment" {
  type    = string
  default = "dev"

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "The environment is dev or prod."
  }
}

variable "log_level" {
  type    = string
  default = "INFO"
}

variable "jwt_secret" {
  description = "Key that signs the access and refresh tokens"
  type        = string
  sensitive   = true
}
