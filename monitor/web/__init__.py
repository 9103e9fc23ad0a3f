"""What we answer over HTTP: to hubs that push, to monitoring, to people, to other programs.

`serve.serving` listens, `guard` comes before everything, `site` holds the routes, `api` those of
`/api/v1/`.
"""
