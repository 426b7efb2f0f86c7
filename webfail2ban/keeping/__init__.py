"""What must outlive the process, on its way to the store and back."""
