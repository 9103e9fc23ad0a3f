"""`/api/v1/…`: what is kept, for other programs, as `/api/v1/openapi.json` describes it.

It is open to those who show `[web] api_token`, and to nobody while that is not set. `operations`
lists what can be asked, for both the routes and the document; `asked` reads the question; `door`
comes before all of it. Nothing is changed here: every question is a read of bounded time.
"""

from monitor.web.api.door import routes

__all__ = ["routes"]
