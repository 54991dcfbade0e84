variable "region" {
  type    = string
  default = "us-east-1"
}

variable "environment" {
  type = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "The environment is dev or prod."
  }
}

variable "google_client_id" {
  description = "OAuth client of the macOS app"
  type        = string
}

variable "allowed_domain" {
  description = "Only accounts of this domain may record; empty for everybody"
  type        = string
  default     = ""
}

variable "alert_email" {
  description = "Where alarms go"
  type        = string
}

variable "bedrock_model_id" {
  description = "Model (inference profile) that summarises meetings"
  type        = string
  default     = "us.anthropic.claude-sonnet-4-5-20250929-v1:0"
}

variable "ffmpeg_cpu" {
  description = "CPU units of the FFmpeg task"
  type        = number
  default     = 2048
}

variable "ffmpeg_memory" {
  description = "Memory of the FFmpeg task in MiB"
  type        = number
  default     = 4096
}

variable "log_level" {
  type    = string
  default = "INFO"
}
