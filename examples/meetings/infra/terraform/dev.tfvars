environment      = "dev"
google_client_id = "104857600000-dev.apps.googleusercontent.com"
alert_email      = "platform-dev@example.com"
log_level        = "DEBUG"
