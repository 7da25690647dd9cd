"""A merchant's own part of the back office: what its pages read, always by merchant."""
