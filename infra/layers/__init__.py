"""The two layers of every function, built at synth without Docker: the product, and what it stands on."""
