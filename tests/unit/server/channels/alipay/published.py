"""What Alipay itself has signed and published values of its certificates: facts to be held against.

The sandbox of Alipay signed two answers and a notice with the key below, in 2021 and 2022 (public
in the tests of the yansongda/pay SDK, for whose developer they were made). The SNs are those that
Alipay's own tools give; `alipayRootCert.crt` of production has four certificates, of which the two
RSA-signed ones count.
"""

ALIPAY_KEY = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAuWJKrQ6SWvS6niI+"
    "4vEVZiYfjkCfLQfoFI2nCp9ZLDS42QtiL4Cc"
    "yx8scgc3nhVwmVRte8f57TFvGhvJD0upT4O5O/lRxmTjechXAorirVdAODpO"
    "u0mFfQV9y/T9o9hHnU+VmO5spoVb3umqpq6D"
    "/Pt8p25Yk852/w01VTIczrXC4QlrbOEe3sr1E9auoC7rgYjjCO6lZUIDjX/o"
    "BmNXZxhRDrYx4Yf5X7y8FRBFvygIE2FgxV4Y"
    "w+SL3QAa2m5MLcbusJpxOml9YVQfP8iSurx41PvvXUMo49JG3BDVernaCYXQ"
    "CoUJv9fJwbnfZd7J5YByC+5KM4sblJTq7bXZ"
    "WQIDAQAB"
)
PAID = (
    '{"code":"10000","msg":"Success","buyer_logon_id":"ghd***@san'
    'dbox.com","buyer_pay_amount":"0.00",'
    '"buyer_user_id":"2088102174698127","buyer_user_type":"PRIVATE","invoice_amount":"0.00",'
    '"out_trade_no":"yansongda-1622986519","point_amount":"0.00","receipt_amount":"0.00",'
    '"send_pay_date":"2021-06-06 21:35:40","total_amount":"0.01",'
    '"trade_no":"2021060622001498120501382075","trade_status":"TRADE_SUCCESS"}'
)
PAID_SIGN = (
    "Ipp1M3pwUFJ19Tx/D+40RZstXr3VSZzGxPB1Qfj1e837UkGxOJxFFK6EZ288"
    "SeEh06dPFd4qJ7BHfP/7mvkRqF1/mezBGvhB"
    "z03XTXfDn/O6IkoA+cVwpfm+i8MFvzC/ZQB0dgtZppu5qfzVyFaaNu8ct3L/"
    "NSQCMR1RXg2lH3HiwfxmIF35+LmCoL7ZPvTx"
    "B/epm7A/XNhAjLpK5GlJffPA0qwhhtQwaIZ7DHMXo06z03fbgxlBu2eEclQU"
    "m6Fobgj3JEERWLA0MDQiV1EYNWuHSSlHCMrI"
    "xWHba+Euu0jVkKKe0IFKsU8xJQbc7GTJXx/o0NfHqGwwq8hMvtgBkg=="
)
NOT_EXIST = (
    '{"code":"40004","msg":"Business Failed","sub_code":"ACQ.TRADE_NOT_EXIST",'
    '"sub_msg":"交易不存在","buyer_pay_amount":"0.00","invoice_amount"'
    ':"0.00","out_trade_no":"1622819957",'
    '"point_amount":"0.00","receipt_amount":"0.00"}'
)
NOT_EXIST_SIGN = (
    "OaQiIXuxZeMWccI/gV0/f0YFKmR0zUsUSA+pOUghMJjsbL7W+mNw4Wvk8NFJ"
    "zlk0EcwV+BpvT/NFl5oSPN2NTn4JbHheVkN9"
    "DvYDK8UacvUjnDLO4vZ2Z828he8CF77ktieTjrzxo5b6dguMnOFeew+YAzSC"
    "ZaiV2sSUSc6K42yiSC290B80jBUbNKE10sUD"
    "WR8OKPYqHxMlbtPyGv2jSxNoDIIP7VIGKNzU8i7dbNOYCrAviBXcDrR/m9nc"
    "YfIJfhn1yHPtLCGUUcJKToPsvE0+4Q3gS4n+"
    "wMHhCcbq02qnwhPSRbmsPS0E7D5JNqVmiXIc2XeEffKYFy1kQKvGGQ=="
)
NOTICE = {
    "gmt_create": "2022-09-18 13:29:48",
    "charset": "utf-8",
    "gmt_payment": "2022-09-18 13:30:07",
    "notify_time": "2022-09-18 13:30:09",
    "subject": "yansongda+测试-1",
    "sign": (
        "C5gjBgiYDWLwS1HxGQ6D8ZM+sYpnfTKMqe7YkNxqE5cm+AXQqOHi1Pf928me"
        "GGvBUQLvIee8ziKmRbxhEgYEcJsgO/X2"
        "Zy2PNASLO1Q1b4MfjgGiQqfv2bpLPkfhvftF//Ih79GWj6KAPxyvRq9N0pMT"
        "kxv4yDwo637ksbK0WCsh/v90nOdYh1Hx"
        "Zs1pgRAIBcNgr0GPFQJtxjO7nG+ppta3wD5aYuuRxtohRv1LK6ZLbAM45mMf"
        "0eUYmKsZBFIaISCVNo0mu+H+GLAJ2Z0a"
        "XZ0dti5jVkAtA0eJHmJ0da2VGCGy0wmQFSZ4AxwjSM2LQg7gn4GWMUgvKK8pDzIn6Q=="
    ),
    "buyer_id": "2088102174698127",
    "invoice_amount": "0.01",
    "version": "1.0",
    "notify_id": "2022091800222133008098120532343049",
    "fund_bill_list": '[{"amount":"0.01","fundChannel":"ALIPAYACCOUNT"}]',
    "notify_type": "trade_status_sync",
    "out_trade_no": "web1663478942",
    "total_amount": "0.01",
    "trade_status": "TRADE_SUCCESS",
    "trade_no": "2022091822001498120503050754",
    "auth_app_id": "2016082000295641",
    "receipt_amount": "0.01",
    "point_amount": "0.00",
    "app_id": "2016082000295641",
    "buyer_pay_amount": "0.01",
    "sign_type": "RSA2",
    "seller_id": "2088102172237210",
}
ISSUERS = {
    "CN=Ant Financial Certification Authority R1,OU=Certification Authority,O=Ant Financial,C=CN": (
        2292228364100439313,
        "687b59193f3f462dd5336e5abf83c5d8",
    ),
    "CN=iTrusChina Class 2 Root CA - G3,OU=China Trust Network,O=iTrusChina,C=CN": (
        95790491425698859646659490580052089075020051350,
        "02941eef3187dddf3d3b83462e1dfcf6",
    ),
    "CN=Ant Financial Certification Authority Class 2 R1 test,OU=Certification Authority test,"
    "O=Ant Financial test,C=CN": (
        42701531033856943272230591459259281325,
        "a359aaadd01ceca03dbc07537da539b9",
    ),
}
"""Issuer → serial number and SN. The first two are the roots of production, in the file's order."""
ROOT_SN = "687b59193f3f462dd5336e5abf83c5d8_02941eef3187dddf3d3b83462e1dfcf6"
