"""Quality metrics: PSNR, SSIM and MS-SSIM of a picture, and the BD-rate of two curves."""
