"""What a conversation shares with the page around it: its context, its functions, its forms, its people."""
