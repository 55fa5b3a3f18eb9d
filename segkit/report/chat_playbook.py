"""Page playbook of the study of conversations."""
