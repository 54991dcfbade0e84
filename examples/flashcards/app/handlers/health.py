from modules import http


def check(_event):
    return http.response(200, {"status": "ok"})
