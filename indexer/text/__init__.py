"""What is a text made of? Folded characters, units, words and the terms that are indexed of them."""
