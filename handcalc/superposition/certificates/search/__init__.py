"""The search for a cover of all embeddings by boxes; nothing that it finds is believed."""
