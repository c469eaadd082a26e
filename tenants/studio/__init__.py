"""The studio: a tenant's projects, their renders, and the videos that come of them."""
