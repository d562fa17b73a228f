"""Referrals: a member, the *referrer*, brings a *friend* along by its referral code.

Each side has rows under one id, whose versions follow one another and are never changed. The
friend's side has the friend's facts, the referrer's side the *outcome*; a job carries changes from
the friend's side to the referrer's and back. No points are given here.
"""
