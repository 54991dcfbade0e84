"""Entry point of the API function: finds the route, checks the token, calls the handler."""

import logging

from handlers import auth, cards, decks, export, health, review, sessions, stats
from modules import http, log, tokens
from modules.errors import ApiError

log.setup()
logger = logging.getLogger(__name__)

PUBLIC_ROUTES = {
    "GET /api/health": health.check,
    "POST /api/register": auth.register,
    "POST /api/login": auth.login,
    "POST /api/refresh": auth.refresh,
}

USER_ROUTES = {
    "POST /api/session/start": sessions.start,
    "POST /api/session/end": sessions.end,
    "GET /api/decks": decks.list_decks,
    "POST /api/decks": decks.create,
    "DELETE /api/decks/{deckId}": decks.delete,
    "GET /api/decks/{deckId}/cards": cards.list_cards,
    "POST /api/decks/{deckId}/cards": cards.create,
    "PUT /api/cards/{cardId}": cards.update,
    "DELETE /api/cards/{cardId}": cards.delete,
    "GET /api/review/next": review.next_card,
    "POST /api/review": review.answer,
    "GET /api/stats": stats.summary,
    "GET /api/export": export.download,
}


def lambda_handler(event, context):
    route = event["routeKey"]
    log.bind(request_id=context.aws_request_id, route=route)
    try:
        response = dispatch(route, event)
    except ApiError as error:
        logger.info("request refused", extra={"status": error.status, "reason": error.message})
        response = http.response(error.status, {"error": error.message})
    except Exception:
        logger.exception("unhandled error")
        response = http.response(500, {"error": "Something went wrong. Please try again."})
    logger.info("request done", extra={"status": response["statusCode"]})
    return response


def dispatch(route, event):
    if route in PUBLIC_ROUTES:
        return PUBLIC_ROUTES[route](event)
    if route in USER_ROUTES:
        username = tokens.username_from(event, kind="access")
        log.bind(username=username)
        return USER_ROUTES[route](event, username)
    raise ApiError(404, "No such route.")
