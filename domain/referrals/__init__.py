"""Referrals: a member, the *referrer*, brings a *friend* along by its referral code.

Each side has rows under one id, whose versions follow one another and are never changed. On the
friend's side stands what the friend did, on the referrer's the *outcome*; a job carries what is
new from the friend's side to the referrer's and back. No points are given here.
"""
