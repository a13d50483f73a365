window.YTD.screen_name_change.part0 = [
  {
    "screenNameChange": {
      "accountId": "1080040936046087737",
      "screenNameChange": {
        "changedAt": "2024-08-12T17:10:37.000Z",
        "changedFrom": "asha_v_2019",
        "changedTo": "AshaForNorthmoor"
      }
    }
  }
]
