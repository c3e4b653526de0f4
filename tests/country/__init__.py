"""A made country on loopback: portals of provinces, prefectures and counties, with every trap that links have."""
