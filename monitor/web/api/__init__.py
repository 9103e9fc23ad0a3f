"""`/api/v1/…`: what is kept, for other programs, as `/api/v1/openapi.json` describes it.

It is there for who shows `[web] api_token`, and for nobody while there is none. `operations` says
what can be asked, once for the routes and for the document; `asked` reads the question, `door`
stands before all of it. Nothing is changed here: every question is a read, of bounded time.
"""

from monitor.web.api.door import routes

__all__ = ["routes"]
