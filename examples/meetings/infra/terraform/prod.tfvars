environment      = "prod"
google_client_id = "104857600000-prod.apps.googleusercontent.com"
allowed_domain   = "example.com"
alert_email      = "platform@example.com"
