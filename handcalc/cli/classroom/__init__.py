"""The classroom in a browser: its pages from this machine, and command lines answered for them."""
