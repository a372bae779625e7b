"""Real builds of frameworks that bind the widget; run by `make test-frameworks`, because npm has to fetch them."""
