"""What visitors send to the site, in SQL, until its webhook has taken it."""
