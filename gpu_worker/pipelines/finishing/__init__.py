"""What every engine does with finished pictures: lettering, slate, H.264, label maps of sampled frames."""
