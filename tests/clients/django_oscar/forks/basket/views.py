"""The basket's page takes codes of Standby's, too."""

from typing import Any

from care import vouchers
from care.api import DownError
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from oscar.apps.basket import views


class VoucherAddView(views.VoucherAddView):  # type: ignore[misc]
    """Before a code is looked up here, Standby is asked whether it is one of its own."""

    def form_valid(self, form: Any) -> HttpResponse:
        """Apply a code."""
        code = vouchers.spelt(form.cleaned_data["code"])
        ours = self.voucher_model._default_manager.filter(code=form.cleaned_data["code"], offers__remedy=None)
        if not ours.exists():
            self.request.session.save()  # a visitor's first wrong guess counts, too
            try:
                voucher = vouchers.mirrored(code, shopper=self.request.session.session_key)
            except DownError:
                messages.error(self.request, "This code cannot be looked at right now. Please try again in a minute.")
                return redirect("basket:summary")
            if voucher is None:
                messages.error(self.request, f"No order may take the code '{code}'")
                return redirect("basket:summary")
            form.cleaned_data["code"] = code
        return super().form_valid(form)
