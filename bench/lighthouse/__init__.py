"""What Lighthouse finds of Annals' pages on a phone."""
