"""Five sample portals on loopback that publish five real reports of townships, each in another form."""
