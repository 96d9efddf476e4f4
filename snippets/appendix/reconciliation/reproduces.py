"""来源独立印出、本书的公式重新算出来的数，差多少？"""

from appendix.reconciliation.report import show

if __name__ == "__main__":
    show("reproduces")
