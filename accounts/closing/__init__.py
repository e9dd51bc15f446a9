"""The identity half of closing a wallet: who leaves, what is kept, and who comes back."""
