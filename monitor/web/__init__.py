"""What we answer over HTTP: to hubs that push, to who asks how we are, to other programs.

`serve.serving` listens, `guard` stands before everything, `site` holds the routes, `api` those of
`/api/v1/`.
"""
