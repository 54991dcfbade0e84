// replaced by scripts/publish-frontend.sh
window.API_URL = "http://localhost:3000";
