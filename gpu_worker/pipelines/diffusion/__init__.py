"""The engine `diffusion`: keyframes and motion by the models of diffusers, one file a family."""
