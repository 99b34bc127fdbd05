"""The notebooks: marimo reads them as files, and an import gives their app."""
