"""What a reconstruction is worth: PSNR, SSIM and MS-SSIM of a picture, and the BD-rate of two curves."""
