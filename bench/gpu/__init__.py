"""What `make bench-gpu` runs: the GPU worker beside plain loops that do the same with diffusers."""
