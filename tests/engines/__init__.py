"""Journeys through Firefox, WebKitGTK and WPE WebKit: `make test-engines`, because they are packages of Debian."""
