"""What we answer over HTTP: to hubs that push, and to who asks how we are.

`serve.serving` listens, `guard` stands before everything, `site` holds the routes.
"""
