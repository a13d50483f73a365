window.YTD.account.part0 = [
  {
    "account": {
      "email": "asha@mailbox.example",
      "createdVia": "web",
      "username": "AshaForNorthmoor",
      "accountId": "1080040936046087737",
      "createdAt": "2019-01-01T10:00:00.000Z",
      "accountDisplayName": "Asha Verma"
    }
  }
]
