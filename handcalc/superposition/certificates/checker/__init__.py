"""The check of certificates, which uses nothing of the search."""
