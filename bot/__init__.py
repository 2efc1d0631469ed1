"""GeM Saathi (जेम साथी): a district industries office's chat assistant on selling to government through GeM."""
