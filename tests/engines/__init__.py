"""Journeys through Firefox, WebKitGTK and WPE WebKit; run by `make test-engines`, because they are packages of Debian."""
