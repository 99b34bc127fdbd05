"""The named circuits: a page each, with a model, a worked sentence, and claims that are proved."""
