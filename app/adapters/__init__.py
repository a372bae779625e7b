"""Implementations of the core's ports: everything that touches the world outside.

One folder a technology; none knows another, but all that speak HTTP share `http`. A port is declared by the
core package that needs it, and each implementation here passes that port's contract suite in
`tests/contracts`.
"""
